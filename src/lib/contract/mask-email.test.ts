import { expect, it } from 'vitest';
import { maskEmail } from './identifiers';

it.each([
	['gina@example.com', 'g***@example.com'],
	['g@example.com', 'g***@example.com'],
	['小明@例子.中国', '小***@例子.中国'],
	['👩‍🚀x@example.com', '👩***@example.com'],
	['no address', '***'],
])('%s is shown as %s', (email, masked) => expect(maskEmail(email)).toBe(masked));
