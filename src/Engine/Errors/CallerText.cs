using System.Data.Common;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>What callers learn of an exception: no absolute path and no address of the inside. The operator's log has the rest.</summary>
internal static partial class CallerText
{
    /// <summary>
    /// The text for callers of what a plugin or a model threw: the exception's own when it is meant for them, else its type. A plugin's
    /// text may hold secrets, and what another user wrote.
    /// </summary>
    public static string From(Exception e) => e switch
    {
        // Its text is for callers already, and may quote a path of the model's server.
        ModelException or RunRefusedException or PluginContractException => e.Message,
        StorageException => HidePaths(e.Message),
        _ => $"{TypeOf(e)}: the host's log has the cause.",
    };

    /// <summary>The type of an exception, as callers know it.</summary>
    public static string TypeOf(Exception e) => (e is PluginContractException ? typeof(InvalidOperationException) : e.GetType()).FullName!;

    /// <summary>A text with the last part of each absolute path instead of the path.</summary>
    public static string HidePaths(string text) => AbsolutePath().Replace(text, m => Path.GetFileName(m.Value.TrimEnd('/', '\\').Replace('\\', '/')));

    /// <summary>What <see cref="From"/> hides, for the log; null when it hides nothing that may be logged.</summary>
    public static string? ForOperator(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is ModelException { Details: { } details }) return details;
            if (IsOfMachine(e) || e is StorageException) return e.Message;
        }

        return null;
    }

    /// <summary>The platform writes paths, hosts and ports into the texts of these.</summary>
    private static bool IsOfMachine(Exception e) =>
        e is IOException or UnauthorizedAccessException or SocketException or HttpRequestException or DbException;

    // In quotes a path may hold spaces. An address (http://…) is no path, nor is the path of one.
    [GeneratedRegex("""(?<=['"`])(?:/|[A-Za-z]:\\)[^'"`\r\n]+(?=['"`])|(?<![^\s(\[=<])(?:/|[A-Za-z]:\\)[^\s'"`,;)\]>]*[^\s'"`,;)\]>.:]""")]
    private static partial Regex AbsolutePath();
}
