"""Importing files of requests (批量导入): read, map, clean, validate, register, report."""
