/** Complete without client code: first paint is the page, and form posts may end at a relying party. */
export const csr = false;
