using System.CommandLine;

namespace PluginHost.Cli.Remote;

/// <summary>The options of commands that call a running host: its address, and the key.</summary>
/// <param name="keyVariables">The environment variables that may hold the key, first wins.</param>
internal sealed class RemoteOptions(params string[] keyVariables)
{
    public const string KeyVariable = "PLUGINHOST_API_KEY", AdminKeyVariable = "PLUGINHOST_ADMIN_KEY";

    private readonly Option<string> _url = CommandOptions.CreateUrlOption();

    private readonly Option<FileInfo?> _keyFile = new("--api-key-file")
    {
        Description = $"A file with an API key of the host. Default: the key in {string.Join(" or ", keyVariables)}.",
    };

    /// <summary>The options of a command that needs the admin right.</summary>
    public static RemoteOptions CreateForAdmin() => new(AdminKeyVariable, KeyVariable);

    public void AddTo(Command command)
    {
        command.Options.Add(_url);
        command.Options.Add(_keyFile);
    }

    /// <summary>Whether the command line names the host.</summary>
    public bool IsUrlGiven(ParseResult parsed) => parsed.GetResult(_url) is { Implicit: false };

    /// <exception cref="IOException">The key file cannot be read, or holds more than a key.</exception>
    /// <exception cref="UnauthorizedAccessException">The same for rights.</exception>
    /// <exception cref="UriFormatException">The address is not one of a host.</exception>
    public HostConnection Connect(ParseResult parsed)
    {
        var key = parsed.GetValue(_keyFile) is { } file
            ? File.ReadAllText(file.FullName).Trim()
            : keyVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(k => k is { Length: > 0 });
        // A header takes no other characters. The key itself is not shown.
        if (key is not null && key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new IOException("The API key is not one word of ASCII characters (it is not shown). A file of --api-key-file holds one key.");
        return HostConnection.Open(parsed.GetValue(_url)!, key);
    }

    /// <summary>Makes calls of a running host, and writes what went wrong.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> CallAsync(ParseResult parsed, Func<HostConnection, Task> call)
    {
        try
        {
            using var connection = Connect(parsed);
            await call(connection);
            return 0;
        }
        catch (Exception e) when (e is HostCallException or IOException or UnauthorizedAccessException or UriFormatException)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
