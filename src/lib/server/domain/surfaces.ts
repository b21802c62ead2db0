/** The grounds of the pages by day and by night, as in ui/tokens.css (theme.test.ts compares the two files). */
import type { Hex } from './colour';

export interface Surfaces {
	readonly page: Hex;
	readonly surface: Hex;
	readonly sunken: Hex;
	readonly raised: Hex;
}

export const day: Surfaces = { page: '#f3f5f4', surface: '#ffffff', sunken: '#eef1ef', raised: '#ffffff' };
export const night: Surfaces = { page: '#0d1210', surface: '#151b19', sunken: '#1b2220', raised: '#1e2623' };
