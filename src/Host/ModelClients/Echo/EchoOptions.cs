using System.ComponentModel.DataAnnotations;

namespace PluginHost.ModelClients.Echo;

/// <summary>Options of the <c>echo</c> chat client.</summary>
/// <param name="DelayMilliseconds">
/// The delay before each word in milliseconds, to test streaming, cancelling and attaching. Default: 0, no delay.
/// </param>
internal sealed record EchoOptions([Range(0, 60_000)] int DelayMilliseconds = 0);
