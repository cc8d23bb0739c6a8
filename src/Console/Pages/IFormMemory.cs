using Microsoft.AspNetCore.Http;
using PluginHost.WebConsole.Api;

namespace PluginHost.WebConsole.Pages;

/// <summary>Counts what forms take of the memory that their senders have for bodies. Thread-safe.</summary>
public interface IFormMemory
{
    /// <summary>Counts a form, before any of it is in memory, until its request ends.</summary>
    /// <returns>Why there is no room for it; null when it was counted.</returns>
    ApiProblem? TryHold(HttpContext context, long bytes);
}
