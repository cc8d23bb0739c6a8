using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Views;

/// <summary>What every page shows beside its subject. Immutable.</summary>
/// <param name="Now">The time at which the page was read.</param>
/// <param name="Address">The path and query where the page can be read again.</param>
/// <param name="FormToken">For the forms on it.</param>
/// <param name="Version">The version of the host.</param>
public sealed record PageView(DateTimeOffset Now, string Address, string FormToken, string Version)
{
    /// <summary>What went wrong, for the top of the page.</summary>
    public ApiProblem? Problem { get; init; }

    /// <summary>What was done, for the top of the page.</summary>
    public string? Notice { get; init; }

    /// <summary>Whether it answers a form, whose page is at the address.</summary>
    public bool IsOfForm { get; init; }

    /// <summary>Whether the sender is logged in, and so can log out.</summary>
    public bool IsLoggedIn { get; init; }
}
