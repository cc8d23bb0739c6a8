using System.Diagnostics;
using Microsoft.Extensions.AI;
using ModelContextProtocol;
using PluginHost.Mcp.Servers;
using PluginHost.Sdk;

namespace PluginHost.Mcp.Tools;

/// <summary>One request to a server in a call of a tool: its connection, its time, and the meaning of its failures.</summary>
internal static class ServerCall
{
    /// <summary>Asks the server that a call is for, which the call's span then names.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public static Task<T> AskAsync<T>(
        McpServer server, string what, AIFunctionArguments arguments, Func<ServerConnection, CallLimit, Task<T>> ask, CancellationToken cancellationToken)
    {
        Activity.Current?.SetTag("mcp.server", server.Name);
        return SendAsync(server, what, arguments, ask, cancellationToken);
    }

    /// <summary>Sends a request.</summary>
    /// <param name="server">The server.</param>
    /// <param name="what">What is asked for, for the message of a timeout.</param>
    /// <param name="arguments">The arguments of the call, which name its session.</param>
    /// <param name="ask">Sends the request.</param>
    /// <param name="cancellationToken">Cancelled with the run.</param>
    /// <exception cref="McpProtocolException">The server refused the request.</exception>
    /// <exception cref="ServerUnavailableException">There is no connection, or it broke.</exception>
    /// <exception cref="TimeoutException">The server made no progress for too long.</exception>
    public static async Task<T> SendAsync<T>(
        McpServer server, string what, AIFunctionArguments arguments, Func<ServerConnection, CallLimit, Task<T>> ask, CancellationToken cancellationToken)
    {
        var connection = await server.GetConnectionAsync(arguments.GetSession().Key, cancellationToken);
        using var call = connection.BeginCall();
        using var limit = new CallLimit(server.Options.CallLimit, server.Time, cancellationToken);
        try
        {
            return await ask(connection, limit);
        }
        catch (OperationCanceledException exception) when (limit.IsOver && !cancellationToken.IsCancellationRequested)
        {
            server.CheckAgain(connection);
            throw new TimeoutException($"{what} of the MCP server '{server.Name}' made no progress for {server.Options.CallLimit.TotalSeconds:0} seconds (CallTimeout).", exception);
        }
        catch (McpProtocolException refused)
        {
            // A server that was started again may refuse requests of sessions that it does not know.
            if (refused.ErrorCode is not (McpErrorCode.InvalidParams or McpErrorCode.ResourceNotFound or McpErrorCode.MethodNotFound)) server.CheckAgain(connection);
            throw;
        }
        catch (Exception exception) when (
            !cancellationToken.IsCancellationRequested && (connection.HasEnded || exception is IOException or ObjectDisposedException or HttpRequestException or McpException))
        {
            server.CheckAgain(connection);
            throw new ServerUnavailableException(server.Name, connection.HasEnded ? connection.EndReason : ServerErrors.Describe(exception), exception);
        }
    }

    /// <summary>What the model gets of a request that the server refused, such as an address that does not exist. The call counts as failed.</summary>
    public static FunctionResultContent Refused(string what, McpProtocolException refused, ToolResults results) =>
        Failed(results.Bound([new TextContent($"{what} failed: {refused.Message}")]), refused);

    /// <summary>The model gets what the server says, and the host counts a call that failed.</summary>
    public static FunctionResultContent Failed(object result, McpProtocolException? refused = null) =>
        new(callId: "", result) { Exception = refused ?? new McpException("The server says that the tool failed.") };
}
