using System.ComponentModel.DataAnnotations;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>Where explanations are kept.</summary>
internal enum ExplanationPlace
{
    /// <summary>In memory, until the host stops.</summary>
    Memory,

    /// <summary>In the session store, beside their runs.</summary>
    Session,
}

/// <summary>Whether the host keeps what models were given, to explain it, and how much of it.</summary>
internal sealed record ExplainConfiguration
{
    /// <summary>Whether runs can be explained. When not, nothing is recorded.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Where they are kept.</summary>
    public ExplanationPlace Store { get; init; }

    /// <summary>How many bytes of explanations one tenant may have in the session store. The oldest go first.</summary>
    [Range(0L, 1_099_511_627_776L)]
    public long StoreTenantBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>How many bytes of explanations the host keeps in memory. The oldest go first.</summary>
    [Range(0L, 1_099_511_627_776L)]
    public long Bytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How many of them one tenant may have.</summary>
    [Range(0L, 1_099_511_627_776L)]
    public long TenantBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How many of the runs that begin in one second are recorded.</summary>
    [Range(1, 1_000_000)]
    public int RunsPerSecond { get; init; } = 100;
}
