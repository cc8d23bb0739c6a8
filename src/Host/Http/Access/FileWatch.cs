using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Access;

/// <summary>
/// Polls a small file for changes of its text. The system's notifications miss files that are mounted or replaced by a link, as
/// orchestrators do with secrets.
/// </summary>
internal abstract class FileWatch(string file, TimeProvider time, ILogger logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private string? _last;
    private string? _emptied;

    /// <summary>Applies a new text, or reports what is wrong with it and changes nothing.</summary>
    /// <returns>The number of keys; null when the text is wrong.</returns>
    protected abstract int? Apply(string text, ICollection<ConfigurationError> errors);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) Poll();
    }

    private void Poll()
    {
        // Keep the last valid keys while the file is missing.
        if (TryRead(file) is not { } text || text == _last) return;
        // An editor that saves empties the file first: a file that holds nothing counts when the next poll finds it so too.
        if (HoldsNothing(text) && text != _emptied)
        {
            _emptied = text;
            return;
        }

        _emptied = null;
        // The first poll applies what changed while the host was starting, and is not logged.
        var isFirst = _last is null;
        _last = text;
        var errors = new List<ConfigurationError>();
        if (TryApply(text, errors) is not { } count) Log.KeysRefused(logger, file, string.Join(' ', errors));
        else if (count == 0) Log.KeysRevoked(logger, file);
        else if (!isFirst) Log.KeysReplaced(logger, file, count);
    }

    private static bool HoldsNothing(string text) => text.Split('\n').All(l => l.Split('#', 2)[0].Trim().Length == 0);

    private int? TryApply(string text, List<ConfigurationError> errors)
    {
        try
        {
            return Apply(text, errors);
        }
        catch (Exception e)
        {
            // A parser that fails must not end the host, and its message may quote the file.
            errors.Add(new ConfigurationError(file, $"It cannot be read ({e.GetType().Name})."));
            return null;
        }
    }

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file is being replaced.
            return null;
        }
    }
}

/// <summary>Keeps the API keys equal to the key file.</summary>
internal sealed class KeyFileWatch(ServerConfiguration server, ApiKeys keys, TimeProvider time, ILogger<KeyFileWatch> logger)
    : FileWatch(server.KeyFile!, time, logger)
{
    protected override int? Apply(string text, ICollection<ConfigurationError> errors)
    {
        var read = KeyFile.Parse(text, server.KeyFile!, errors);
        if (errors.Count > 0) return null;
        keys.ReplaceFile(read);
        return read.Count;
    }
}

/// <summary>Keeps the keys for signatures of tokens equal to their file.</summary>
internal sealed class TokenKeysWatch(TokenKeys keys, TimeProvider time, ILogger<TokenKeysWatch> logger) : FileWatch(keys.File, time, logger)
{
    protected override int? Apply(string text, ICollection<ConfigurationError> errors)
    {
        var (read, error) = SigningKeys.Parse(text);
        if (error is not null)
        {
            errors.Add(new ConfigurationError("Server:Jwt:KeysFile", error, SigningKeys.Cure));
            return null;
        }

        keys.Replace(read);
        return read.Count;
    }
}
