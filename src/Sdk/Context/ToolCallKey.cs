namespace PluginHost.Sdk;

/// <summary>The idempotency key of a tool call, among the values that the host adds to its arguments.</summary>
internal sealed record ToolCallKey(string Value);
