// A case file on the screen: the one thing to do with it is to print it.
"use strict";

document.querySelector("[data-prints]").addEventListener("click", () => window.print());
