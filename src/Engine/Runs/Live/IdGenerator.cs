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
    public static string NewSession(DateTimeOffset now) => "ses_" + Guid.CreateVersion7(now).ToString("N");

    /// <param name="now">The time.</param>
    /// <param name="command">The command.</param>
    /// <param name="expired">The run that the command's key named until it expired; null when there was none.</param>
    public static string NewSession(DateTimeOffset now, RunCommand command, RunRecord? expired) =>
        command.SessionIdPrefix + Unique(now, command, expired);

    public static string NewRun(DateTimeOffset now, RunCommand command, RunRecord? expired) =>
        command.RunIdPrefix + Unique(now, command, expired);

    /// <summary>The id of a message that is stored for a run: the same for the same attempt, whatever happens.</summary>
    public static string Message(string runId, int attempt, int index) => $"{runId}.{attempt}.{index}";

    public static string NewMessage(DateTimeOffset now) => "msg_" + Guid.CreateVersion7(now).ToString("N");

    private static string Unique(DateTimeOffset now, RunCommand command, RunRecord? expired) =>
        command is { IdempotencyKey: { } key, Stateless: false } ? Hash(command, key, expired) : Guid.CreateVersion7(now).ToString("N");

    private static string Hash(RunCommand command, string key, RunRecord? expired)
    {
        var request = $"{command.Tenant.Length}:{command.Tenant}{key.Length}:{key}{command.RequestHash}{expired?.Id}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)).AsSpan(0, 16));
    }
}
