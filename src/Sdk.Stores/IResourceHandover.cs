namespace PluginHost.Sdk;

/// <summary>
/// Optional, for history providers and session stores: a resource that only one build of the plugin can hold at a time, for example a
/// locked file. With it the host can replace the plugin's DLL while it serves. Instances of one build share the resource by
/// <see cref="PluginContext.Share{T}"/>.
/// </summary>
/// <remarks>
/// When the DLL changed, the host lets no call of the plugin begin, waits for those in progress, releases the old instances, acquires
/// and starts the new ones, and lets calls begin again. Runs that still use an old instance then call the new one instead. All of that
/// may take as long as the host's setting <c>PluginLoading:HandoverTimeout</c>; when it takes longer or fails, the new instances
/// release and the old ones acquire again.
/// </remarks>
public interface IResourceHandover
{
    /// <summary>
    /// Takes the resource. Called after the constructor, which must not take it, and before <see cref="IPluginLifecycle.StartAsync"/>;
    /// and once more after <see cref="ReleaseAsync"/> when the new build failed. Has no effect on an instance that has it. An exception
    /// prevents the start of the host, or the reload.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when it takes too long.</param>
    ValueTask AcquireAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Completes what is in progress and gives the resource up, so that another build can take it. Has no effect on an instance that does
    /// not have it. No other method is called afterwards, except <see cref="AcquireAsync"/> and the end of the instance.
    /// </summary>
    /// <param name="cancellationToken">Cancelled when it takes too long.</param>
    ValueTask ReleaseAsync(CancellationToken cancellationToken);
}
