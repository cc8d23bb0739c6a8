namespace PluginHost.Sessions;

/// <summary>Ids of the host's choosing: opaque, unique, and rising with time so that stores keep them together.</summary>
internal static class Ids
{
    public static string NewSession(DateTimeOffset now) => "ses_" + Guid.CreateVersion7(now).ToString("N");

    public static string NewRun(DateTimeOffset now) => "run_" + Guid.CreateVersion7(now).ToString("N");

    /// <summary>The id of a message that is stored for a run: the same for the same attempt, whatever happens.</summary>
    public static string Message(string runId, int attempt, int index) => $"{runId}.{attempt}.{index}";

    public static string NewMessage(DateTimeOffset now) => "msg_" + Guid.CreateVersion7(now).ToString("N");
}
