using PluginHost.Knowledge;
using PluginHost.Sdk;

[assembly: Plugin("knowledge", typeof(KnowledgeProvider), Options = typeof(KnowledgeOptions))]
