using System.ComponentModel.DataAnnotations;

namespace PluginHost.ModelClients.Echo;

/// <summary>Options of the <c>echo</c> chat client.</summary>
/// <param name="DelayMilliseconds">
/// How long it waits before each word, in milliseconds, so that streaming, cancelling and attaching can be tried; 0 for not at
/// all.
/// </param>
internal sealed record EchoOptions([Range(0, 60_000)] int DelayMilliseconds = 0);
