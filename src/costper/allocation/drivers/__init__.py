"""Every way to divide a shared charge, one file each."""

from costper.allocation.drivers import by_cost, by_quantity, by_seats, direct, even, fixed
from costper.allocation.drivers.base import Driver

DRIVERS: dict[str, Driver] = {
    driver.name: driver
    for driver in (
        direct.DRIVER,
        even.DRIVER,
        fixed.DRIVER,
        by_cost.DRIVER,
        by_quantity.DRIVER,
        by_seats.DRIVER,
    )
}
DRIVER_NAMES = tuple(DRIVERS)
