using PluginHost.Engine.Errors;
using PluginHost.Http.Access;

namespace PluginHost.OpenAI.WebSockets;

/// <summary>A message of a client.</summary>
/// <param name="Text">Valid until the next one is read.</param>
/// <param name="Share">What it takes of the tenant's share of bytes; the receiver disposes it.</param>
/// <param name="Refusal">Why the message was not kept; null when it was.</param>
internal sealed record ReceivedMessage(ReadOnlyMemory<byte> Text, BodyShare Share, ProblemException? Refusal);
