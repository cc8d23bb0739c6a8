using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Listening;

/// <summary>Binds Unix sockets so that a file left by a crash does not stop the start, and only those who may can connect.</summary>
internal static class UnixSockets
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Group = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Binds without listening, so that permissions are set before a client can connect.</summary>
    public static Socket Bind(EndPoint endPoint, SocketAccess access, ILogger logger)
    {
        if (endPoint is not UnixDomainSocketEndPoint unix) return BindNamed(endPoint, endPoint.ToString()!);
        var path = unix.ToString();
        if (Path.GetDirectoryName(path) is { } folder && !Directory.Exists(folder))
            throw new IOException($"Cannot listen on the Unix socket {path}: there is no folder '{folder}'. Create it first.");
        RemoveStale(path, unix, logger);
        var socket = BindNamed(endPoint, $"the Unix socket {path}");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, access == SocketAccess.Group ? Owner | Group : Owner);
        return socket;
    }

    private static Socket BindNamed(EndPoint endPoint, string name)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode != SocketError.AddressAlreadyInUse)
        {
            // The server names the address itself only when it is in use.
            throw new IOException($"Cannot listen on {name}: {e.Message}.", e);
        }
    }

    private static void RemoveStale(string path, UnixDomainSocketEndPoint endPoint, ILogger logger)
    {
        if (!File.Exists(path)) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            // No process listens: a host that crashed has left the file.
            File.Delete(path);
            Log.StaleSocketRemoved(logger, path);
            return;
        }
        catch (SocketException e)
        {
            throw new IOException($"Cannot listen on the Unix socket {path}: the file is there and is not a socket of this host ({e.Message}).", e);
        }

        throw new IOException($"Cannot listen on the Unix socket {path}: another process listens on it.");
    }

    /// <summary>A regular file refuses connections too, and must not be deleted.</summary>
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return false;
        }
        catch (IOException)
        {
            // A socket cannot be opened as a file.
            return true;
        }
    }
}
