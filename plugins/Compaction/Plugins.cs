using PluginHost.Compaction;
using PluginHost.Sdk;

[assembly: Plugin("compaction", typeof(CompactionMiddleware), Options = typeof(CompactionOptions))]
