// What all pages share: moving about without losing what is on screen, and what the browser knows.
import "./nav.js";
import "./window.js";
import "./chart.js";
import "./table.js";
import "./explorer.js";
import "./upload.js";
import "./connect.js";
