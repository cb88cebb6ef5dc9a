-- The changes that are taken back as one where the last of them is: an import's, or those of a
-- tag's new name. NULL: each by itself.
ALTER TABLE task_changes ADD COLUMN batch uuid;
