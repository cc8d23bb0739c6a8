using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Runs.Live;

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
