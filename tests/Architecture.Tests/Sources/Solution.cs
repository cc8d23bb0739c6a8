namespace PluginHost.Architecture.Sources;

/// <summary>The projects below src, compiled once for all tests.</summary>
internal static class Solution
{
    private static readonly Lazy<SourceProject> LazySdk = new(() => SourceProject.Load("Sdk", "PluginHost.Sdk"));
    private static readonly Lazy<SourceProject> LazyStores = new(() => SourceProject.Load("Sdk.Stores", "PluginHost.Sdk.Stores", Sdk));
    private static readonly Lazy<SourceProject> LazyEngine = new(() => SourceProject.Load("Engine", "PluginHost.Engine", Sdk, Stores));
    private static readonly Lazy<SourceProject> LazyTesting = new(() => SourceProject.Load("Testing", "PluginHost.Sdk.Testing", Sdk, Stores, Engine));
    private static readonly Lazy<SourceProject> LazyHost = new(() => SourceProject.Load("Host", "pluginhost", Sdk, Stores, Engine, Testing));

    public static SourceProject Sdk => LazySdk.Value;

    public static SourceProject Stores => LazyStores.Value;

    public static SourceProject Engine => LazyEngine.Value;

    public static SourceProject Testing => LazyTesting.Value;

    public static SourceProject Host => LazyHost.Value;

    public static IReadOnlyList<SourceProject> Projects => [Sdk, Stores, Engine, Testing, Host];

    public static SourceProject Find(string name) => Projects.Single(p => p.Name == name);
}
