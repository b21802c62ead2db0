/** Complete without a client router. */
export const csr = false;
