"""The analyses: manager resolution, enrichment, role mining, policy analysis. Pure: values in, findings out."""
