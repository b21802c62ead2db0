/** Plugins of the app that the request names; without one, the settings that every app inherits. */
import type { TrpcContext } from '../../context';

export async function pluginScope(ctx: Pick<TrpcContext, 'namesApp' | 'findApp' | 'appliance'>) {
	if (ctx.namesApp) return ctx.findApp();
	const { plugins, control, clock } = ctx.appliance;
	return { plugins: plugins.appliance, store: control, clock };
}
