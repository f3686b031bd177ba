"""The demo city (演示城市): weeks of work that were lived on a clock of their own, and cases that go on living."""
