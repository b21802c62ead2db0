/** The passwords that attackers try first: the 49,000 most common ones, and a few of this product's world. */
import { dictionary } from '@zxcvbn-ts/language-common';

const ours = [
	'menshen',
	'menshen123',
	'oauthapp',
	'woaini1314',
	'woaini520',
	'5201314a',
	'a5201314',
	'qwe123123',
	'123456abc',
	'admin888',
	'admin123456',
];

const common = new Set<string>([...dictionary['passwords-common'], ...ours]);

export function isCommonPassword(key: string): boolean {
	return common.has(key);
}
