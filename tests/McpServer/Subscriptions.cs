using System.Threading.Channels;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace PluginHost.McpServer;

/// <summary>Tells one subscriber over HTTP that the list of tools has changed. Without sessions, the package leaves that to the server.</summary>
internal static class Subscriptions
{
    private static readonly Channel<bool> Changes = Channel.CreateUnbounded<bool>();

    public static void Notify() => Changes.Writer.TryWrite(true);

    public static async ValueTask<EmptyResult> HoldAsync(RequestContext<SubscriptionsListenRequestParams> request, CancellationToken cancellationToken)
    {
        var granted = new SubscriptionsAcknowledgedNotificationParams { Notifications = request.Params.Notifications };
        await request.Server.SendNotificationAsync(NotificationMethods.SubscriptionsAcknowledgedNotification, granted, cancellationToken: cancellationToken);
        await foreach (var _ in Changes.Reader.ReadAllAsync(cancellationToken))
            await request.Server.SendNotificationAsync(NotificationMethods.ToolListChangedNotification, cancellationToken);
        return new EmptyResult();
    }
}
