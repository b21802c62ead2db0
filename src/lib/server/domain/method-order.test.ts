import { describe, expect, it } from 'vitest';
import { browserOf, orderMethods, type Place } from './method-order';

const agents = {
	desktop: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36',
	phone:
		'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148',
	wechat: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Mobile/15E148 MicroMessenger/8.0.50 NetType/WIFI',
	dingtalk: 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 AliApp(DingTalk/7.6.0)',
};
const method = (id: string, position: number, ...fits: Place[]) => ({
	id,
	position,
	fits,
	unfit: [] as Place[],
});
const methods = [
	method('password', 0),
	method('wechat-miniprogram', 1, 'desktop'),
	method('wechat-web', 2, 'wechat', 'desktop'),
	method('dingtalk', 3, 'dingtalk', 'desktop', 'mobile'),
];
const order = (agent: keyof typeof agents, first = {}) =>
	orderMethods(methods, browserOf(agents[agent]), first).map(({ id }) => id);

describe('the methods of a browser', () => {
	it('on a desktop: as the operator put them', () => {
		expect(order('desktop')).toEqual(['password', 'wechat-miniprogram', 'wechat-web', 'dingtalk']);
	});
	it('on a phone: no code to scan with itself', () => {
		expect(order('phone')).toEqual(['password', 'dingtalk']);
	});
	it('inside WeChat: WeChat first', () => {
		expect(order('wechat')).toEqual(['wechat-web', 'password', 'dingtalk']);
	});
	it('inside DingTalk: DingTalk first', () => {
		expect(order('dingtalk')[0]).toBe('dingtalk');
	});
	it('as the operator chose for the place', () => {
		expect(order('desktop', { desktop: 'password' })[0]).toBe('password');
		expect(order('wechat', { mobile: 'password' })[0]).toBe('password');
		expect(order('wechat', { wechat: 'dingtalk', mobile: 'password' })[0]).toBe('dingtalk');
		expect(order('phone', { desktop: 'dingtalk' })[0]).toBe('password');
	});
});
