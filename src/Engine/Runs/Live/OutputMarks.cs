using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// Marks the place among the updates of a run from which a later process continued it after a crash. Callers may have received events
/// that the crash has lost, so that the numbers of later events leave a gap.
/// </summary>
internal sealed class ResumedMark
{
    /// <summary>How many numbers are left out: more than a process can have sent after its last write.</summary>
    public const int Gap = 100_000;

    private static readonly ResumedMark Instance = new();

    private ResumedMark()
    {
    }

    public static ChatResponseUpdate Create() => new() { RawRepresentation = Instance };

    public static bool Is(ChatResponseUpdate update) => update.RawRepresentation is ResumedMark;
}

/// <summary>
/// Marks the place among the updates of a run where its events ended because the run was parked. It has the number of that last event,
/// so that later events have greater ones.
/// </summary>
internal sealed class ParkedMark
{
    private static readonly ParkedMark Instance = new();

    private ParkedMark()
    {
    }

    public static ChatResponseUpdate Create() => new() { RawRepresentation = Instance };

    public static bool Is(ChatResponseUpdate update) => update.RawRepresentation is ParkedMark;
}
