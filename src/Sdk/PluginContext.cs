using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sdk;

/// <summary>
/// The services of the host for one plugin instance. All members are thread-safe and usable for the lifetime of the instance.
/// </summary>
/// <remarks>The host implements it. A later version may add members, which throw <see cref="NotSupportedException"/> in test doubles that lack them.</remarks>
public abstract class PluginContext
{
    /// <summary>The plugin's registered name, for example <c>sqlite-history</c>.</summary>
    public abstract string Plugin { get; }

    /// <summary>The name of the instance in its chain. Default: the plugin's name, unless the entry sets <c>Name</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The agent whose chain holds the instance; null for session stores and chat clients shared by the host.</summary>
    public abstract string? Agent { get; }

    /// <summary>A logger whose category is <c>PluginHost.Plugin.{plugin}</c>.</summary>
    public abstract ILogger Logger { get; }

    /// <summary>The clock and timers of the host. Use it instead of <see cref="DateTime"/>, so that tests can control the time.</summary>
    public abstract TimeProvider TimeProvider { get; }

    /// <summary>
    /// The absolute path of a folder for the plugin's files. All instances of the plugin share it, and it is kept across
    /// restarts. The host creates the folder on first use of this property.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    public abstract string DataPath { get; }

    /// <summary>A meter named <c>PluginHost.Plugin.{plugin}</c>. The host exports it and owns it: do not dispose it.</summary>
    public abstract Meter Meter { get; }

    /// <summary>
    /// An activity source named <c>PluginHost.Plugin.{plugin}</c>. A span started during a call of the plugin is a child of that
    /// call's span. The host exports the source and owns it: do not dispose it.
    /// </summary>
    public abstract ActivitySource ActivitySource { get; }

    /// <summary>Resolves a path of the options. A relative path is below the host's working directory.</summary>
    /// <param name="path">The configured path.</param>
    /// <returns>The absolute path. Nothing is created.</returns>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public abstract string ResolvePath(string path);

    /// <summary>
    /// Gets a resource that all instances of the plugin share under <paramref name="key"/>, across agents, kinds and reloads, for
    /// example one database file with one writer. The first caller creates it. The host disposes it
    /// (<see cref="IAsyncDisposable"/> or <see cref="IDisposable"/>) after the last instance that uses it.
    /// </summary>
    /// <typeparam name="T">The resource's type.</typeparam>
    /// <param name="key">Identifies the resource within the plugin's assembly, for example the absolute path of a file.</param>
    /// <param name="create">Creates the resource; never called concurrently for one key. An exception reaches the caller, and nothing is kept.</param>
    /// <returns>The shared resource. The caller must not dispose it.</returns>
    public abstract T Share<T>(string key, Func<T> create)
        where T : class;

    /// <summary>
    /// Gets the state of this plugin instance in a session. Only this instance may write it. The host saves it when the run
    /// completes or is cancelled, and discards it when the run fails.
    /// </summary>
    /// <param name="session">The session of the current run, from <see cref="RunRequest.Session"/>.</param>
    /// <returns>The state, the same object during the whole run.</returns>
    public abstract SessionState GetState(Session session);
}
