using System.ComponentModel;
using System.Net;
using ModelContextProtocol;

namespace PluginHost.Mcp.Servers;

/// <summary>A server cannot be used now. The message names it and the cause.</summary>
internal sealed class ServerUnavailableException(string server, string? reason, Exception? inner = null)
    : Exception($"The MCP server '{server}' is not available: {reason}", inner)
{
    public string? Reason { get; } = reason;
}

/// <summary>Puts the errors of connections into words for an operator.</summary>
internal static class ServerErrors
{
    private const int MaxText = 500;

    public static string Describe(Exception exception) => exception switch
    {
        ServerUnavailableException { Reason: { } reason } => reason,
        { InnerException: MessageTooLongException tooLong } => tooLong.Message,
        Win32Exception => "The program cannot be started. Check Command.",
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } refused =>
            $"It refused the credentials (status {(int)refused.StatusCode}). Check Headers or OAuth.",
        HttpRequestException { StatusCode: { } status } => $"It answered with status {(int)status}. Check Endpoint.",
        HttpRequestException => "It cannot be reached. Check Endpoint, and whether the server runs.",
        OperationCanceledException or TimeoutException => "It did not answer in time.",
        MessageTooLongException or TokenException => exception.Message,
        _ when exception.InnerException is { } inner && exception is McpException or AggregateException => Describe(inner),
        _ => exception.Message.Length > MaxText ? $"{exception.Message.AsSpan(0, MaxText)}…" : exception.Message,
    };
}
