import { expect, it } from 'vitest';
import { phoneOf } from './phone-of';

it.each([
	['138 0013 8000', 'CN', '+8613800138000'],
	['07700 900123', 'GB', '+447700900123'],
	['+44 7700 900123', 'CN', '+447700900123'],
	['１３８００１３８０００', 'CN', '+8613800138000'],
	['13800138000', '', '+8613800138000'],
	['not a number', 'CN', 'not a number'],
	['13800138000', 'XX', '13800138000'],
])('%s in %s is %s', (phone, country, whole) => expect(phoneOf({ phone, country })).toBe(whole));
