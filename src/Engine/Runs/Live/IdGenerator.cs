using System.Security.Cryptography;
using System.Text;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// Ids of the host's choosing: opaque, unique, and rising with time so that stores keep them together. A run with an idempotency
/// key has its id from the key: when the host broke off between a history's append and the session's save, the retry is the same
/// run to that history, and is not stored twice. A run that stores nothing is another one each time.
/// </summary>
internal static class IdGenerator
{
    private const int UuidBytes = 16;

    public static string NewSession(DateTimeOffset now) => New("ses_", now);

    /// <param name="now">The time.</param>
    /// <param name="command">The command.</param>
    /// <param name="expired">The run that the command's key named until it expired; null when there was none.</param>
    public static string NewSession(DateTimeOffset now, RunCommand command, RunRecord? expired) =>
        Unique(command.SessionIdPrefix, now, command, expired);

    public static string NewRun(DateTimeOffset now, RunCommand command, RunRecord? expired) =>
        Unique(command.RunIdPrefix, now, command, expired);

    /// <summary>The id of a message that is stored for a run: the same for the same attempt, whatever happens.</summary>
    public static string Message(string runId, int attempt, int index) => $"{runId}.{attempt}.{index}";

    public static string NewMessage(DateTimeOffset now) => New("msg_", now);

    private static string Unique(string prefix, DateTimeOffset now, RunCommand command, RunRecord? expired) =>
        command is { IdempotencyKey: { } key, Stateless: false } ? prefix + Hash(command, key, expired) : New(prefix, now);

    /// <summary>A UUID of version 7 without dashes, as of <see cref="Guid.CreateVersion7(DateTimeOffset)"/>, which asks the system for random bytes each time.</summary>
    private static string New(string prefix, DateTimeOffset now) => string.Create(prefix.Length + (2 * UuidBytes), (prefix, now), static (id, state) =>
    {
        Span<byte> uuid = stackalloc byte[UuidBytes];
        RandomBytes.Fill(uuid[6..]);
        var time = state.now.ToUnixTimeMilliseconds();
        for (var i = 0; i < 6; i++) uuid[i] = (byte)(time >> (8 * (5 - i)));
        uuid[6] = (byte)(0x70 | (uuid[6] & 0x0f));
        uuid[8] = (byte)(0x80 | (uuid[8] & 0x3f));
        state.prefix.CopyTo(id);
        Convert.TryToHexStringLower(uuid, id[state.prefix.Length..], out _);
    });

    private static string Hash(RunCommand command, string key, RunRecord? expired)
    {
        var request = $"{command.Tenant.Length}:{command.Tenant}{key.Length}:{key}{command.RequestHash}{expired?.Id}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)).AsSpan(0, 16));
    }
}

/// <summary>Random bytes of the operating system, read many at a time: a call of it for each id costs more than the id. Thread-safe.</summary>
internal static class RandomBytes
{
    private const int Size = 1024;

    [ThreadStatic]
    private static byte[]? _bytes;

    [ThreadStatic]
    private static int _left;

    /// <summary>Fills a span of at most 1024 bytes. No byte is given twice.</summary>
    public static void Fill(Span<byte> target)
    {
        var bytes = _bytes ??= new byte[Size];
        if (_left < target.Length)
        {
            RandomNumberGenerator.Fill(bytes);
            _left = Size;
        }

        var taken = bytes.AsSpan(Size - _left, target.Length);
        taken.CopyTo(target);
        taken.Clear();
        _left -= target.Length;
    }
}
