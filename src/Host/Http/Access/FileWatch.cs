using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Access;

/// <summary>
/// Reads a small file again and again and tells when its text has changed. Not with the system's notices: those miss files that
/// are mounted or replaced by a link, as orchestrators do with secrets.
/// </summary>
internal abstract class FileWatch(string file, TimeProvider time, ILogger logger) : BackgroundService
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private string? _last;

    /// <summary>Takes over a new text, or says what is wrong with it; then what was there before goes on.</summary>
    /// <returns>How many keys there are now; null when the text is wrong.</returns>
    protected abstract int? Apply(string text, ICollection<ConfigurationError> errors);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) Look();
    }

    private void Look()
    {
        // A file that is away for a moment, or for good, changes nothing: the keys were good when they were read.
        if (TryRead(file) is not { } text || text == _last) return;
        // The first look takes over what has changed while the host was starting, and is no news.
        var isNews = _last is not null;
        _last = text;
        var errors = new List<ConfigurationError>();
        if (TryApply(text, errors) is not { } count) Log.KeysRefused(logger, file, string.Join(' ', errors));
        else if (isNews) Log.KeysReplaced(logger, file, count);
    }

    private int? TryApply(string text, List<ConfigurationError> errors)
    {
        try
        {
            return Apply(text, errors);
        }
        catch (Exception e)
        {
            // Whatever a file can make a parser throw, it must not end the host; and its message may quote the file.
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
            // In the middle of being replaced.
            return null;
        }
    }
}

/// <summary>Keeps the API keys as the key file has them.</summary>
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

/// <summary>Keeps the keys for signatures of tokens as their file has them.</summary>
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
