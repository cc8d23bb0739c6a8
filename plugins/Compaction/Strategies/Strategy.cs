namespace PluginHost.Compaction.Strategies;

/// <summary>One way to make loaded messages fewer or shorter.</summary>
public enum Strategy
{
    /// <summary>Results of tools become a note, oldest first.</summary>
    DropToolResults,

    /// <summary>The oldest messages are replaced by a summary, which is written after a run.</summary>
    Summarise,

    /// <summary>The oldest messages are left out.</summary>
    Truncate,
}
