/**
 * Takes back what a program that has gone left on (CHECKS T-ESC-05): an open sequence (CAN), the alternate screen, soft
 * state (DECSTR), mouse and focus reports, bracketed paste, keypad and cursor keys. What is shown stays, and so does the
 * cursor: DECOM (6) sends it home and 1049 to where it was saved, so it is saved first.
 */
export const settling = `\u0018\u001b7\u001b[?6l\u001b[?1049l\u001b[!p\u001b[?9;1000;1002;1003;1004;1005;1006;1015;1016;2004;1;66l\u001b[?7h\u001b[?25h\u001b[4l\u001b[0m\u001b(B`
