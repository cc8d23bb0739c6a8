using Microsoft.Extensions.Logging;

namespace PluginHost.Mcp;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Connected to the MCP server '{Server}': {Tools} tools.")]
    public static partial void Connected(ILogger logger, string server, int tools);

    [LoggerMessage(2, LogLevel.Warning, "The MCP server '{Server}' is not available: {Reason} Agents have none of its tools until it is; the host tries again and again.")]
    public static partial void ConnectionFailed(ILogger logger, string server, string reason);

    [LoggerMessage(3, LogLevel.Warning, "The connection to the MCP server '{Server}' ended: {Reason} The host connects again.")]
    public static partial void ConnectionEnded(ILogger logger, string server, string reason);

    [LoggerMessage(4, LogLevel.Debug, "The MCP server '{Server}' wrote: {Line}")]
    public static partial void ServerWrote(ILogger logger, string server, string line);

    [LoggerMessage(5, LogLevel.Warning, "The tool '{Tool}' of the MCP server '{Server}' has the name of a tool of '{Other}' and is left out. Set Prefix of one of them.")]
    public static partial void NameTaken(ILogger logger, string tool, string server, string other);

    [LoggerMessage(6, LogLevel.Debug, "The tool '{Tool}' of the MCP server '{Server}' reports progress: {Progress}")]
    public static partial void Progress(ILogger logger, string tool, string server, string progress);

    [LoggerMessage(7, LogLevel.Warning, "The MCP server '{Server}' has no sessions: with PerSession, each session has a separate connection, but the server keeps no separate state for it.")]
    public static partial void NoSessions(ILogger logger, string server);
}
