using PluginHost.Mcp;
using PluginHost.Sdk;

[assembly: Plugin("mcp", typeof(McpProvider), Options = typeof(McpOptions))]
