using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sdk;

/// <summary>
/// The services of the host for one plugin instance. All members are thread-safe and usable for the lifetime of the instance.
/// </summary>
/// <remarks>
/// The host implements it. A test double has to override the abstract members; the virtual ones have defaults, and so will members
/// that later versions add.
/// </remarks>
public abstract class PluginContext
{
    /// <summary>The plugin's registered name, for example <c>sqlite-history</c>.</summary>
    public abstract string Plugin { get; }

    /// <summary>The name of the instance in its chain. Default: the plugin's name, unless the entry sets <c>Name</c>.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Identifies the instance in its chain, in results, in telemetry and as the scope of its state: <see cref="Plugin"/>, or
    /// <c>plugin/name</c> when the entry has a name.
    /// </summary>
    public virtual string SourceId => Name == Plugin ? Plugin : $"{Plugin}/{Name}";

    /// <summary>The agent whose chain or model the instance belongs to; null for a session store.</summary>
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

    /// <summary>
    /// Cancelled when the host begins to stop the instance: after its last run, before <see cref="IPluginLifecycle.StopAsync"/>.
    /// For work in the background. Callbacks run on other threads, and the host does not wait for them. By default never cancelled.
    /// </summary>
    public virtual CancellationToken Stopping => CancellationToken.None;

    /// <summary>Resolves a path of the options. A relative path is below the host's working directory.</summary>
    /// <param name="path">The configured path.</param>
    /// <returns>The absolute path, spelled as the file system stores it. Nothing is created.</returns>
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

    /// <summary>
    /// Gets an object that this plugin instance keeps for one run, one for each type: what a hook learns and a later hook of the same
    /// run needs. It is never stored. The host disposes it (<see cref="IAsyncDisposable"/> or <see cref="IDisposable"/>) when the run
    /// has ended and all observers have been called.
    /// </summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="run">The run, or a copy of it made with <c>with</c>.</param>
    /// <param name="create">Creates the object; never called concurrently for one run. An exception reaches the caller, and nothing is kept.</param>
    /// <returns>The object, the same one during the whole run.</returns>
    /// <exception cref="ObjectDisposedException">The run has ended.</exception>
    public T GetRunItem<T>(RunRequest run, Func<T> create)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(create);
        return run.Session.Items.Get(SourceId, create);
    }

    /// <summary>
    /// Gets a client for a model that the host's configuration knows. Its calls do not pass through a chain: no history is loaded or
    /// stored, and no tool is run. They are traced and counted like those of runs, with the plugin's name. A call that is made during a
    /// run is cancelled with it and when its time (<c>Sessions:RunTimeout</c>) is over, whatever token it gets. Pass the token of the
    /// method that makes the call all the same: it also ends at the entry's timeout, which includes the time of the model.
    /// </summary>
    /// <param name="model">Which model.</param>
    /// <returns>
    /// A thread-safe client; the host owns it. It can be called from <see cref="IPluginLifecycle.StartAsync"/> on; in the plugin's
    /// constructor the models do not exist yet. Failures of the model are exceptions of its client.
    /// </returns>
    /// <exception cref="ArgumentException">There is no such agent, or the plugin is that agent's model itself. The message names what there is.</exception>
    /// <exception cref="NotSupportedException">A test double without models.</exception>
    public virtual IChatClient GetChatClient(ModelReference model) => throw new NotSupportedException("This context has no models.");

    /// <summary>Gets a generator of embeddings on the server of a model that the host's configuration knows, with what <see cref="GetChatClient"/> promises.</summary>
    /// <param name="model">Which model. The model of an agent is one for chat, so a reference usually names another one (<see cref="ModelReference.Model"/>).</param>
    /// <returns>
    /// A thread-safe generator; the host owns it. It can be called from <see cref="IPluginLifecycle.StartAsync"/> on. A call throws
    /// <see cref="NotSupportedException"/> when the agent's client makes no embeddings; <c>openai</c> does.
    /// </returns>
    /// <exception cref="ArgumentException">There is no such agent, or the plugin is that agent's model itself. The message names what there is.</exception>
    /// <exception cref="NotSupportedException">A test double without models.</exception>
    public virtual IEmbeddingGenerator<string, Embedding<float>> GetEmbeddings(ModelReference model) =>
        throw new NotSupportedException("This context has no models.");
}
