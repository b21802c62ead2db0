import { expect, it } from 'vitest';
import { identifierLabel } from './identifier-label';

it.each([
	[['username', 'email', 'phone'], 'Username, email or phone', '用户名、邮箱或手机号'],
	[['email', 'phone'], 'Email or phone', '邮箱或手机号'],
	[['username'], 'Username', '用户名'],
] as const)('what takes %j is called so', (kinds, english, chinese) => {
	expect(identifierLabel(kinds, 'en')).toBe(english);
	expect(identifierLabel(kinds, 'zh-CN')).toBe(chinese);
});
