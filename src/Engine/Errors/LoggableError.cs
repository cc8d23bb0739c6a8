using System.Data.Common;
using System.Net.Sockets;
using System.Text;
using PluginHost.Sdk;

namespace PluginHost.Engine.Errors;

/// <summary>
/// An exception as it may be logged: its types and where it was thrown. Its text may hold what a user wrote, so that only texts
/// of databases, stores, sockets and timeouts are kept; the others are in the run's record, for who may read the session.
/// </summary>
internal sealed class LoggableError : Exception
{
    private readonly string _text;

    private LoggableError(string summary, string type, string text)
        : base(summary) => (Type, _text) = (type, text);

    /// <summary>The type of the error itself, without what the host wrapped around it.</summary>
    public string Type { get; }

    public static LoggableError From(Exception exception)
    {
        var text = new StringBuilder();
        var types = new List<string>();
        for (var e = exception; e is not null; e = e.InnerException)
        {
            types.Add(e.GetType().FullName!);
            if (text.Length > 0) text.Append(" ---> ");
            text.Append(e.GetType().FullName);
            if (e is DbException or SocketException or TimeoutException or PluginException or StorageException) text.Append(": ").Append(e.Message);
            else if (e is IOException) text.Append(" (").Append(e.HResult.ToString("X8", System.Globalization.CultureInfo.InvariantCulture)).Append(')');
            if (e.StackTrace is { } stack) text.AppendLine().Append(stack);
        }

        var own = exception is PluginException or SessionStoreException ? exception.InnerException ?? exception : exception;
        return new(string.Join(" of ", Enumerable.Reverse(types)), own.GetType().FullName!, text.ToString());
    }

    public override string ToString() => _text;
}
