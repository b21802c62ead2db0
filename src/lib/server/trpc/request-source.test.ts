import { describe, expect, it } from 'vitest';
import { requestSource } from './request-source';

const origin = 'https://id.example';
const from = (headers: Record<string, string>) => requestSource(new Headers(headers), origin);

describe('where a request comes from', () => {
	it.each([
		[{}, 'no-browser'],
		[{ 'sec-fetch-mode': 'cors' }, 'no-browser'],
		[{ origin }, 'own-page'],
		[{ 'sec-fetch-site': 'same-origin' }, 'own-page'],
		[{ 'sec-fetch-site': 'none' }, 'own-page'],
		[{ origin, 'sec-fetch-site': 'same-origin' }, 'own-page'],
		[{ origin: 'null' }, 'elsewhere'],
		[{ origin: 'http://id.example' }, 'elsewhere'],
		[{ origin: 'https://id.example:8443' }, 'elsewhere'],
		[{ 'sec-fetch-site': 'cross-site' }, 'elsewhere'],
		[{ 'sec-fetch-site': 'same-site' }, 'elsewhere'],
		[{ 'sec-fetch-site': 'made-up' }, 'elsewhere'],
		[{ origin, 'sec-fetch-site': 'cross-site' }, 'elsewhere'],
	])('%j: %s', (headers, source) => expect(from(headers)).toBe(source));
});
