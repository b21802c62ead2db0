/** WeChat as a native app's server meets it. `/phone/login` hands out the codes of the SDK. */
import { startVendor, type Emulator } from '@menshen/plugin-kit/emulator';
import { accounts, type PersonKey } from '../../tests/emulators/wechat-cast';
import {
	failuresAt,
	handOut,
	snsRoutes,
	tokenRoute,
	userRoute,
	WechatDesk,
} from '../../tests/emulators/wechat-desk';

export interface AppEmulator extends Emulator {
	/** The code that the SDK brings after a person approved in WeChat. */
	approve(person: PersonKey, scope?: string): string;
	/** Whether the app is bound to an Open Platform account, and people so have unionids. */
	bind(bound: boolean): void;
}

const { appid, secret } = accounts.app;

export async function startEmulator(port?: number): Promise<AppEmulator> {
	const desk = new WechatDesk(['app']);
	const approve = (person: PersonKey, scope = 'snsapi_userinfo') =>
		desk.codes.issue({ person, world: 'app', scope });
	const emulator = await startVendor(
		{
			routes: { ...snsRoutes(desk), 'GET /phone/login': handOut((person) => approve(person)) },
			pages: ['GET /phone/login'],
			failures: {
				...failuresAt(tokenRoute, [-1, 40013, 40029, 40125, 40163, 40226, 45011, 48004, 50002]),
				...failuresAt(userRoute, [-1, 40001, 40003, 48001], 'userinfo: '),
			},
			endpoints: { api: '' },
			config: { appId: appid, appSecret: secret },
			forget: () => desk.forget(),
		},
		port,
	);
	return Object.assign(emulator, { approve, bind: (bound: boolean) => void (desk.bound = bound) });
}
