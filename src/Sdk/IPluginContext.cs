using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sdk;

/// <summary>
/// What the host gives to one plugin instance. All members are thread-safe and may be used for the instance's whole life.
/// </summary>
public interface IPluginContext
{
    /// <summary>The plugin's registered name, for example <c>sqlite-history</c>.</summary>
    string Plugin { get; }

    /// <summary>The instance's name in its chain; the plugin's name unless the entry sets <c>Name</c>.</summary>
    string Name { get; }

    /// <summary>The agent whose chain holds the instance, or null for session stores and chat clients shared by the host.</summary>
    string? Agent { get; }

    /// <summary>A logger whose category is <c>PluginHost.Plugin.{plugin}</c>.</summary>
    ILogger Logger { get; }

    /// <summary>The clock and timers of the host. Use it instead of <see cref="DateTime"/>, so that tests can move time.</summary>
    TimeProvider TimeProvider { get; }

    /// <summary>
    /// A folder for the plugin's own files, absolute; the same for all its instances and kept across restarts. The host
    /// creates it on first use of this property.
    /// </summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    string DataPath { get; }

    /// <summary>A meter named <c>PluginHost.Plugin.{plugin}</c>, which the host exports. Owned by the host: do not dispose it.</summary>
    Meter Meter { get; }

    /// <summary>
    /// An activity source named <c>PluginHost.Plugin.{plugin}</c>, which the host exports. A span started during a call of the
    /// plugin appears under that call's span. Owned by the host: do not dispose it.
    /// </summary>
    ActivitySource ActivitySource { get; }

    /// <summary>Resolves a path of the options: an absolute one stays, a relative one is below the host's working directory.</summary>
    /// <param name="path">The path as configured.</param>
    /// <returns>An absolute path; nothing is created.</returns>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    string ResolvePath(string path);

    /// <summary>
    /// A resource that all instances of the plugin share under <paramref name="key"/>, across agents, kinds and reloads: for
    /// example one database file with one writer. The first caller creates it; it is disposed
    /// (<see cref="IAsyncDisposable"/> or <see cref="IDisposable"/>) when the last instance that asked for it is gone.
    /// </summary>
    /// <typeparam name="T">The resource's type.</typeparam>
    /// <param name="key">Identifies the resource within the plugin's assembly, for example the absolute path of a file.</param>
    /// <param name="create">Called at most once at a time per key. What it throws is passed on, and nothing is kept.</param>
    /// <returns>The shared resource. The caller does not dispose it.</returns>
    T Share<T>(string key, Func<T> create)
        where T : class;

    /// <summary>
    /// The state of this plugin instance in a session: its own scope, which it alone may write. Saved when the run ends
    /// completed or cancelled, discarded when it fails.
    /// </summary>
    /// <param name="session">The session of the run in progress, from <see cref="RunRequest.Session"/>.</param>
    /// <returns>The instance's scope, the same object during the whole run.</returns>
    SessionState GetState(Session session);
}
