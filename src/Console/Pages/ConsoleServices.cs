using PluginHost.WebConsole.Forms;

namespace PluginHost.WebConsole.Pages;

/// <summary>What all requests for pages share. Made at the first of them. Thread-safe.</summary>
/// <param name="Http">Reaches the host's API.</param>
/// <param name="Time">The clock.</param>
/// <param name="Version">The version of the host.</param>
/// <param name="Login">Logs browsers in.</param>
/// <param name="Memory">Counts what forms take of the memory for bodies.</param>
internal sealed record ConsoleServices(HttpClient Http, TimeProvider Time, string Version, IConsoleLogin Login, IFormMemory Memory)
{
    public FormTokens Tokens { get; } = new();

    public SentInputs Inputs { get; } = new();
}
